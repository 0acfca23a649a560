#include "auth/common_passwords.h"

#include <algorithm>
#include <vector>

namespace sallyport::auth {
namespace {

constexpr std::string_view kWords = R"(
000000 00000000 01234567 012345678 0123456789 11111111 111111111 1111111111 112233 11223344
1122334455 12121212 123123 12312312 123123123 123321 12341234 12344321 1234512345 123454321 123456
123456123456 123456654321 1234567 12345678 123456789 1234567890 1234567891 12345678910 123456789a
12345678a 1234567a 123456a 123456aa 12345qwert 1234qwer 123654 123654789 123698745 123789 123abc
123qwe 123qwe123 123qweasd 135792468 1357924680 147258369 1472583690 147852369 147896325 159357
159357258 159753 159753456 192837465 19841984 19871987 19901990 19911991 19921992 1q2w3e 1q2w3e4r
1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20002000 20012001 20102010 20202020 22222222 22334455
23456789 246810 2468101214 25802580 2wsx3edc 321321 33333333 36925814 44444444 55555555 666666
66666666 696969 69696969 741852 741852963 7418529630 753951 7777777 77777777 789456 78945612
789456123 7894561230 852456 87654321 88888888 951753 963852741 987654 98765432 987654321
9876543210 99999999 999999999 a123456 a1234567 a12345678 a123456789 a1b2c3 a1b2c3d4 a1b2c3d4e5
aa123456 aaaaaa abc abc123 abcd abcd1234 abcd12345 abcdef abcdefg abcdefgh abcdefghi abcdefghij
access acdc admin admin123 admin1234 admin12345 adminadmin administrator africa ahmed alaska
alejandra alexander alexandra ali amanda amazing amazon amber america american amor amore andrea
andrew android angel angela angels anthony antonio anything apikey apple apples april argentina
arsenal asd123 asd12345 asdf asdf1234 asdfasdf asdfg asdfgh asdfghj asdfghjk asdfghjkl asdfqwer
ashley ashley1 assassin asshole audi august austin australia autumn awesome azerty azertyui
azertyuiop baby babyboy babycakes babygirl backup bailey banana bananas barbie barcelona baseball
baseball1 basketball bastard batman batman1 beach beagle bear bears beatles beautiful beer beijing
benjamin berlin bestfriend bienvenido bienvenue bigdick billionaire bitch biteme black blackberry
blackie blahblah blessed blessing blink182 blizzard blowme blue blueberry bmw bonjour boss boston
brandon brazil brian britain brittany broncos brother budweiser bulldog bulls bullshit bunny
burger business buster butterfly california callofduty camaro canada candy carlos carolina cash
celtic celtics champion champions change changeit changeme changeme1 changeme123 charles charlie
charlie1 charlie123 cheese chelsea cherry chevrolet chevy chicago chicken children china chloe
chocolate chouchou christopher ciao cisco claudia cocacola coffee college company computer
computer1 computer123 contrasena contrasenia cookie cookies corona corvette counterstrike cowboys
cricket crystal cupcake daddy dakota dallas dance dancer dancing daniel daniela danielle darling
darthvader database dead death debian december default demo demon denver desert deutschland devil
diamond diana dinosaur doctor dodgers doggie doggy dollar dollars dolphin dolphins dontknow doudou
dragon dragon1 dragonball drums eagle eagles eduardo elephant elizabeth email emily eminem
engineer england everton everything example facebook faith falcon falcons family fantastic father
fatima february fernando ferrari ficken fireman fishing florida flower flowers football football1
forest forever foreverlove forget forgot forgotten fortnite france francisco freedom friday friend
friends friendship frodo fuck fucker fucking fuckme fuckoff fuckyou gabriel gandalf garfield
gateway geheim geheimnis george germany ghost giants ginger gmail god godisgood gold golden golf
golfer good goodbye goodday goodluck goodmorning google gorgeous grandma green greenday guest
guest123 guinness guitar hallo hallo123 hannah happiness happy harley harleydavidson harrypotter
haslo hawaii hawk heat heather heaven heineken hell hellfire hello hello1 hello123 hellohello
hellokitty helloworld hero heroes heslo hey hidden hiphop hobbit hockey hogwarts hola hollywood
homer honda honey hope horse horses hotdog hotmail hotstuff hottie houston hunter hunting
hurricane ilovegod iloveher ilovehim ilovejesus ilovemom ilovemyself iloveu iloveyou iloveyou1
iloveyou123 iloveyou2 india instagram internet internet1 iphone ireland ironmaiden ironman island
italia italy itsme jackdaniels jackson jaguar january japan jedi jennifer jessica jesus
jesuschrist jetaime job jonathan joomla jordan jordan1 jordan23 jose joseph joshua juan july june
justin justme juventus juventus1 katie kawasaki kennwort kevin keyboard killer king kitten kitty
knight koala ladybug lakers lamborghini laptop lasvegas laura lauren lawyer ledzeppelin legend
legends letmego letmein letmein123 letmeinnow liberty lightning linkedin linkinpark linux lion
lions liverpool liverpoolfc lkjhgfdsa login logmein logon london lordoftherings losenord loulou
love lovely loveme lover lovers loveu loveyou lozinka lucifer luck lucky lucky7 lukeskywalker
madison madrid maggie manager manchester march maria mario marseille martin master master1 matrix
matrix1 matthew may megan melbourne melissa mercedes message messages messaging metallica mexico
miami michael michael1 michelle mickey mickey1 mickeymouse microsoft midnight miguel millionaire
mimamor minecraft minnie mnbvcxz mohammed mommy monday money moneymoney monica monitor monkey
monkey1 monopoly moonlight morgan moscow motdepasse mother motorola mountain muhammad mumbai music
musica mustang mybaby mychemicalromance mylife mylove mypassword mysecret myspace myspace1 mysql
mystery naruto nascar natalie natasha netflix network newcastle newpassword newyork newyorkcity
nicholas nicole ninja nintendo nirvana nissan nobody nokia nopassword nothing november nurse ocean
october office oliver onlyme operator oracle orange packers panda panther panthers paradise paris
parola parole pass pass1234 passe passme passord passpass passw0rd passwd password password1
password12 password123 password1234 passwort passwort1 patricia patrick patriots peace peaches
peanut penguin pepper pepsi perfect peter phoenix piano pikachu pink pinkfloyd pirate pizza
playstation poiuyt poiuytrewq pokemon police pony popcorn porn porsche postgres postgresql potter
power powerful pretty prince princess princess1 private public puppy purple pussy q1w2e3 q1w2e3r4
q1w2e3r4t5 qazwsx qazwsxedc qazxsw queen qwaszx qwe123 qwe123456 qweasd qweasdzxc qweqwe qwer1234
qwerqwer qwert qwerty qwerty1 qwerty12 qwerty123 qwerty1234 qwertyu qwertyui qwertyuiop
qwertyuiop1 qwertz qwertzui qwertzuiop rabbit rachel racing rafael raiders rainbow rainbows
rammstein rangers rapper realmadrid rebecca red redskins redsox remember ricardo rich richard
river robert roberto roblox rocknroll rockstar rollingstones roma rome root root123 rootroot
router rugby running russia salasana sallyport samantha sample samsung samurai sandra santiago
sarah sasuke satan saturday savannah schatz school scooby scoobydoo scorpion scotland seattle
sebastian secret secret123 secretpassword secrets security senha senha123 september server service
sex sexy sexygirl shadow shadow1 shadows shark sharks shit silver simpsons sister skateboard
skater skull skywalker slipknot smile smiley sms snake snoopy snowball snowboard snowflake soccer
softball soldier soleil somebody something sophie southpark spain spider spiderman spongebob
spring starlight startrek starwars steelers stephanie steven storm strawberry strong stronger
student subaru success sugar summer sunday sunflower sunshine sunshine1 superman superman1
superuser supervisor support surfer suzuki sweet sweetheart sweetie swimming switch sydney
sysadmin system taylor teacher teamo temp temporary tennis tequiero tequila terminator test
test123 test1234 test12345 tester testing testtest texas thepassword thomas thunder thursday
tiffany tiger tigers tinkerbell together tokyo toor topsecret tornado toyota trial trumpet trust
trustme trustno1 trustnobody trustnoone tuesday tupac turtle tweety twitter ubuntu unicorn
university usa user user1234 user12345 username valentina vampire vanessa vegas veronica victoria
victory vodka voldemort volleyball wachtwoord warcraft warrior web webmaster website wednesday
welcome welcome1 welcome123 welcomeback welcomehome whatever whatever1 whatsapp whiskey whispir
white whoknows william willkommen windows winner winter wolf wolverine wolves wordpress work
working wsxedc xbox xmen xxxxxx xxxxxxxx yahoo yamaha yankees yellow yoda yourpassword youtube
zaq12wsx zaqwsx zaqwsxcde zaqxsw zelda zombie zxc123 zxcv zxcvb zxcvbn zxcvbnm zzzzzz
)";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace

std::span<const std::string_view> common_passwords() {
  static const std::vector<std::string_view> kSplit = split(kWords);
  return kSplit;
}

}  // namespace sallyport::auth
