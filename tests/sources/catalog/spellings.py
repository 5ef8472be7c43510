"""Names of agencies, outlets, bodies, groups, places and persons, each as newsrooms spell it: one line, one name.

The spellings are those that are found in print and on the web; a line that is a known miss is in here as well.
The rules of the key were made while looking at SAME. FRESH was written afterwards and measured once, with nothing
changed for it: what it says is what to expect of names that nobody has tried.
"""

SAME = """
Sana | سانا | SANA | САНА
Tishreen | تشرين | Teshreen | Tichrine | Tishrin
Reuters | رويترز | Рейтерс | רויטרס
al-Thawra | الثورة | Ath-Thawra | Al Thawrah | Althawra
al-Watan | الوطن | Al Watan | Alwatan
al-Baath | البعث | Al-Ba'ath | Al Ba‘th
al-Jazeera | الجزيرة | Al Jazeera | Aljazeera | Al-Ǧazīra | אל-ג'זירה
al-Arabiya | العربية | Al Arabiya | Alarabiya | Al-ʿArabiyya
al-Mayadeen | الميادين | Al Mayadin | Almayadeen
al-Manar | المنار | Al Manar | Almanar
al-Hayat | الحياة | Al Hayat | Alhayat
Asharq al-Awsat | الشرق الأوسط | Al-Sharq Al-Awsat | Ash-Sharq al-Awsat
an-Nahar | النهار | An Nahar | Annahar | Al-Nahar
Al Mada | المدى | al-Mada
Enab Baladi | عنب بلدي | Inab Baladi
Zaman al-Wasl | زمان الوصل | Zaman Al Wasl | Zaman Alwasl
Orient | أورينت | Ориент
Marsad Suri | المرصد السوري | Al-Marsad as-Suri | al-Marsad al-Sury
Wafa | وفا | WAFA | ВАФА
Petra | بترا | Петра
Anadolu | الأناضول | Anadolu Ajansı | Анадолу
Haaretz | هآرتس | הארץ | Гаарец
Maariv | معاريف | מעריב | Ma'ariv
Hezbollah | حزب الله | Hizbullah | Hizballah | Hezbullah | Hizb Allah | Хезболла
Hamas | حماس | ХАМАС | חמאס
Fatah | فتح | Fateh
Tass | ТАСС | تاس
Ria Novosti | РИА Новости | ريا نوفوستي
Interfax | Интерфакс | إنترفاكس
Sputnik | سبوتنيك | Спутник
Izvestia | Известия | Izvestiya | إزفستيا
Pravda | Правда | برافدا
Xinhua | 新华社 | شينخوا | Синьхуа
Ukrinform | Укринформ | Укрінформ
Kharkiv | Харків | Kharkov | Харьков | خاركيف
Kyiv | Київ | Kiev | Киев | كييف
Latakia | اللاذقية | Lattakia | Ladhiqiyah | Латакия
Tartus | طرطوس | Tartous | Tartoos | Тартус
Hama | حماة | Hamah | Хама
Homs | حمص | Hims | Хомс
Idlib | إدلب | Edlib | Идлиб
Damascus | Дамаск
Dimashq | دمشق | Dimashk
Deir ez-Zor | دير الزور | Deir Ezzor | Dayr az-Zawr | Deir al-Zour
Raqqa | الرقة | Ar-Raqqah | Al-Raqqa | Rakka | Ракка
Daraa | درعا | Dar'a | Deraa
Suwayda | السويداء | As-Suwayda | Sweida | Al-Suwaida
Qamishli | القامشلي | Al-Qamishli | Kamishli
Jableh | جبلة | Jabla | Jablah
Baniyas | بانياس | Banias | Banyas | Баниас
Ghouta | الغوطة | Al-Ghouta | Ghuta
Palmyra | Пальмира
Tadmur | تدمر | Tadmor
Beirut | بيروت | Beyrouth | Бейрут | ביירות
Baghdad | بغداد | Bagdad | Багдад
Mosul | الموصل | Al-Mawsil | Mossoul | Мосул
Tehran | طهران | Teheran | Тегеран
Riyadh | الرياض | Ar-Riyad | Riad
Şırnak | شرناق | Sirnak
Erdoğan | أردوغان | Erdogan | Эрдоган
Çavuşoğlu | تشاووش أوغلو | Cavusoglu
Muhammad al-Jolani | محمد الجولاني | Mohammed al-Julani | Mohamed Joulani | Мухаммад аль-Джулани
Ahmad al-Sharaa | أحمد الشرع | Ahmed al-Sharaa | Ahmad Ash-Shara' | Ахмед аш-Шараа
Bashar al-Assad | بشار الأسد | Bachar el-Assad | Башар Асад | Bashar Asad
Hafez al-Assad | حافظ الأسد | Hafiz al-Asad
Rami Abdel Rahman | رامي عبد الرحمن | Rami Abdulrahman | Rami Abdurrahman
Geir Pedersen | غير بيدرسن | Гейр Педерсен
Fadel Abdulghany | فضل عبد الغني | Fadel Abdul Ghany
Hay'at Tahrir al-Sham | هيئة تحرير الشام | Hayat Tahrir al-Sham | Hayat Tahrir ash-Sham
Jabhat al-Nusra | جبهة النصرة | Jabhat an-Nusra | Jabhat al Nusrah
Ahrar al-Sham | أحرار الشام | Ahrar ash-Sham
Jaysh al-Islam | جيش الإسلام | Jaish al-Islam | Jaych al-Islam
Faylaq al-Sham | فيلق الشام | Failaq al-Sham
Wizarat al-Difa | وزارة الدفاع | Wizara al-Difaa
Wizarat al-Dakhiliya | وزارة الداخلية | Wizarat al-Dakhiliyya
Mukhabarat | المخابرات | Al-Mukhabarat | Moukhabarat
Shabiha | الشبيحة | Shabbiha | Chabiha
Daesh | داعش | Da'ish | ДАИШ
Peshmerga | البيشمركة | Peschmerga | Пешмерга
Asayish | أسايش | Asayesh | Assayech
Rudaw | روداو | Рудав
Yedioth | ידיעות | Yediot | يديعوت
Kan | כאן
Kathimerini | Καθημερινή
Rosja | Россия | Rossiya
Spiegel | Der Spiegel | شبيغل
Zhirinovsky | Жириновский | جيرينوفسكي
Gorbachev | Горбачёв | Gorbatschow | غورباتشوف
Khalid Mashal | خالد مشعل | Khaled Meshaal
Walid al-Muallem | وليد المعلم | Waleed al-Moallem | Oualid Mouallem
Yarmouk | اليرموك | Yarmuk
Sayyida Zaynab | السيدة زينب | Sayeda Zeinab
Umayyad | الأموي | Omayyad
Ayn al-Arab | عين العرب | Ain al-Arab
Kobani | كوباني | Kobanê | Кобани
Afrin | عفرين | Efrîn | Африн
Manbij | منبج | Menbij | Mambij
al-Bab | الباب | Al Bab
Khan Shaykhun | خان شيخون | Khan Sheikhoun | Хан-Шейхун
"""

# Two names that are not one: neither finds the other.
APART = """
Sana | Sony
Sana | Sinai
سانا | سوني
Reuters | Rotana
Reuters | Rudaw
Tishreen | Tehran
Tishreen | Tahrir
al-Watan | al-Wasat
al-Thawra | al-Tahrir
Hezbollah | Hamas
Hama | Homs
حماة | حمص
Idlib | Aleppo
Latakia | Tartus
BBC | BBS
Al Jazeera | Algeria Press Service
Haaretz | Hürriyet
Pravda | Petra
TASS | Tishreen
Xinhua | Sana
Marsad Suri | Masdar News
Syrian Observatory for Human Rights | Human Rights Watch
Red Crescent | Red Cross
Kyiv Post | Kobani Post
Zaman al-Wasl | Zaman
Enab Baladi | Baladi News
"""

FRESH = """
al-Quds | القدس | Al Quds | Alquds
al-Ahram | الأهرام | Al Ahram | Аль-Ахрам
an-Nour | النور | Al-Nour | Annour
Sawt al-Asima | صوت العاصمة | Sowt al-Assima
Halab Today | حلب اليوم
Shaam Network | شبكة شام | Sham Network
Nedaa Souria | نداء سوريا | Nidaa Suriya
Sham FM | شام إف إم
al-Ikhbariya | الإخبارية | Al Ekhbariya | Al-Ikhbariyah
Kurdistan 24 | كردستان 24
Hawar | هاوار | Хавар
al-Monitor | المونيتور | Al Monitor
Ad-Dustour | الدستور | Al-Dustur | Addustour
Akhbar al-Yawm | أخبار اليوم | Akhbar El Yom
Asaad al-Shaibani | أسعد الشيباني | Asad al-Shaybani | Асаад аш-Шейбани
Murhaf Abu Qasra | مرهف أبو قصرة | Morhaf Abu Kasra
Mazloum Abdi | مظلوم عبدي | Mazlum Abdi | Мазлум Абди
Maher al-Assad | ماهر الأسد | Mahir al-Asad | Махер Асад
Suheil al-Hassan | سهيل الحسن | Suhail al-Hasan | Сухейль аль-Хасан
Hassan Nasrallah | حسن نصر الله | Hasan Nasrullah | Хасан Насралла
Ali Khamenei | علي خامنئي | Али Хаменеи
Qasem Soleimani | قاسم سليماني | Kassem Suleimani | Касем Сулеймани
Benjamin Netanyahu | بنيامين نتنياهو | בנימין נתניהו | Биньямин Нетаньяху
Volodymyr Zelensky | Володимир Зеленський | Владимир Зеленский | زيلينسكي
Sergey Lavrov | Сергей Лавров | سيرغي لافروف | Sergei Lavrov
Dmitry Peskov | Дмитрий Песков | Dmitri Peskov | دميتري بيسكوف
Emmanuel Macron | إيمانويل ماكرون | Эмманюэль Макрон
Ursula von der Leyen | أورسولا فون دير لاين | Урсула фон дер Ляйен
Antonio Guterres | أنطونيو غوتيريش | António Guterres | Антониу Гутерриш
Hakan Fidan | هاكان فيدان | Хакан Фидан
Najib Mikati | نجيب ميقاتي | Nagib Mikati | Наджиб Микати
Masyaf | مصياف | Misyaf | Масьяф
Qardaha | القرداحة | Al-Qardahah | Kardaha
Safita | صافيتا | Сафита
Salamiyah | سلمية | Salamieh | Salamiyya
Maarat al-Numan | معرة النعمان | Ma'arrat an-Nu'man
Saraqib | سراقب | Saraqeb | Саракиб
Jisr al-Shughur | جسر الشغور | Jisr ash-Shughour
Douma | دوما | Duma | Дума
Harasta | حرستا | Хараста
Tel Abyad | تل أبيض | Tell Abyad | Тель-Абьяд
Ras al-Ayn | رأس العين | Ras al-Ain | Рас-эль-Айн
Hasakah | الحسكة | Al-Hasaka | Hassakeh | Хасака
Quneitra | القنيطرة | Al-Qunaytirah | Kuneitra
Tripoli | طرابلس
Aden | عدن | Аден
Khartoum | الخرطوم | Al-Khartum | Хартум
Benghazi | بنغازي | Bengasi | Бенгази
"""
